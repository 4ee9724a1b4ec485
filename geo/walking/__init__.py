"""Walking (步行): how long an elder needs from door to door in a city of stairs, there and back."""
