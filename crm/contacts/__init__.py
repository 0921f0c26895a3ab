"""Contacts: the customers of the business."""
