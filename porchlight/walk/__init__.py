"""The main job walked from end to end through HTTP, as a browser without scripts would."""
