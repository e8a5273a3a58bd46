"""The way out: action servers are asked and sounds are fetched here, each through the same guard."""
