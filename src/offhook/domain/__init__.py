"""Values and rules of the business: pure, and known by every room."""
