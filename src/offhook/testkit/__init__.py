"""What customers measure their own code by: an action server against ACTIONS, and new code against an old call.

Pure: what was asked and what came of it goes in as values, and what to think of it comes out. `serve` asks.
"""
