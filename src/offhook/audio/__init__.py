"""Sounds and voices: URLs and texts become files of raw G.711 that are streamed to callers."""
