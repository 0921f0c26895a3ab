"""What the sample salon is made of: its services, its people, its hours, and names for its customers."""

from __future__ import annotations

from typing import Any

SERVICES: tuple[dict[str, Any], ...] = (
    {"name": "Haircut", "durationMinutes": 45, "price": "49.00"},
    {"name": "Colour", "durationMinutes": 120, "price": "110.00", "bufferAfterMinutes": 15, "lateFeePercent": 50},
    {"name": "Blow-dry", "durationMinutes": 30, "price": "32.00"},
    {"name": "Beard trim", "durationMinutes": 20, "price": "22.00"},
    {"name": "Balayage", "durationMinutes": 180, "price": "185.00", "bufferAfterMinutes": 15, "lateFeePercent": 50, "cancelHours": 48},
    {"name": "Children's cut", "durationMinutes": 30, "price": "25.00"},
)
STAFF = (
    ("Nora", ("Haircut", "Colour", "Blow-dry", "Balayage", "Children's cut")),
    ("Sami", ("Haircut", "Beard trim", "Children's cut", "Blow-dry")),
    ("Ines", ("Haircut", "Colour", "Balayage", "Blow-dry")),
    ("Theo", ("Haircut", "Beard trim", "Children's cut")),
)
HOURS = [
    {"days": ["tue", "wed", "fri"], "opens": "09:00", "closes": "18:00"},
    {"days": ["thu"], "opens": "10:00", "closes": "20:00"},
    {"days": ["sat"], "opens": "09:00", "closes": "16:00"},
]
GIVEN = ("Mia", "Ben", "Eva", "Noah", "Lea", "Omar", "Zoe", "Ivan", "Aya", "Tom", "Lina", "Hugo", "Sara", "Adam", "Nina", "Paul", "Ada", "Jon", "Ruth", "Kai")
FAMILY = (
    *("Park", "Novak", "Rossi", "Meyer", "Silva", "Khan", "Dubois", "Larsen", "Costa", "Weber", "Haas", "Okafor", "Lindt", "Moreau", "Kowal"),
    *("Bauer", "Ferri", "Sato", "Duarte", "Blanc", "Berg", "Vidal", "Kruse", "Amari", "Holm", "Petit", "Sousa", "Jansen", "Ortiz", "Klein"),
)
NOTES = (
    "Prefers mornings.",
    "Sensitive scalp: no ammonia.",
    "Always with Nora.",
    "Comes by wheelchair; the chair by the door.",
    "Tea, no sugar.",
)
