"""Measures pbxbridge next to what people would use instead: ./dev bench."""
