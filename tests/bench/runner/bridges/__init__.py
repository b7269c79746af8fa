"""The contenders: pbxbridge, and what people would use instead. One file each."""
