"""A service of nothing but the chassis, run as a process of its own to see how the chassis behaves."""
