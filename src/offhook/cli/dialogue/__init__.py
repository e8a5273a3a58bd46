"""`--script`: one call of our own phone, done line by line, and judged by what it heard."""
