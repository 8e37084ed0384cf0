"""The outside world, one adapter a file: each wraps one technology and translates its errors."""
