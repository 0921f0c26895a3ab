"""Measures Sayso beside other ways to do the same work, on this machine, in one run: `./dev bench`."""
