"""Reports: what came of bookings, money and messages over a time; every figure is a count or a sum of rows that another tool lists."""
