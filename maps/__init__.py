"""What is shown: HTML, vector tiles, PDF and SVG made from frames. Imports geo; changes nothing."""
