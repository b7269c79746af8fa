"""Measures pbxbridge beside what people would use instead: ./dev bench."""
