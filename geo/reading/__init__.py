"""Reading an upload: bytes to layers. Findings UP, EN and CR are declared beside the code that meets them."""
