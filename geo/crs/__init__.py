"""Reference systems (坐标系): zones, guessing from ranges, datums, geodesic measures, vendor shifts."""
