"""Place names (地名): their parts, readings, romanization, and the rules of the law."""
