"""An action server on Django: a page to choose what callers get, and a log of what Offhook asked."""
