"""What the house can do: one verb per function, each over a unit of work that comes in as an argument."""
