"""What is true: names, boundaries, checks and their store. Imports neither maps nor api."""
