"""The tests: a mirror of the rooms, then contracts, flows, faults and the rules of the house."""
