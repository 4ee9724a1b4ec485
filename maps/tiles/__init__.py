"""Vector tiles (矢量瓦片): what they hold, how they are styled, and how they are made from the published tables."""
