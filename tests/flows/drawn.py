"""Arguments drawn from an operation's own JSON Schema by a seeded hand, with ids of things that are really there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random
from typing import Any

Schema = dict[str, Any]
ID = re.compile(r"\^(\w+)_\[0-9a-f\]\{32\}\$")
WORDS = ("+447400123456", "mia@example.com", "approved", "Your table is ready.", "a canary", "Mia\u202e", "approve", "sent", "workspace", "key", "")
MOMENTS = ("2019-01-01T00:00:00Z", "2027-06-01T10:00:00+02:00")


@dataclass(frozen=True)
class Hand:
    """Draws values; `ids` are real ones by their prefix, and each id that is asked for is one of those."""

    chance: Random
    ids: dict[str, list[str]]

    def arguments(self, schema: Schema) -> dict[str, Any]:
        """Values for what is required and for most of the rest; nothing is waited for."""
        drawn: dict[str, Any] = self.value(schema, schema.get("$defs", {}))
        return drawn | ({"waitSeconds": 0} if "waitSeconds" in schema.get("properties", {}) else {})

    def value(self, schema: Schema, defined: dict[str, Schema]) -> Any:
        """A value that fits the schema, or nearly."""
        if "$ref" in schema:
            return self.value(defined[schema["$ref"].rpartition("/")[2]], defined)
        options = schema.get("anyOf") or schema.get("oneOf")
        if options:
            return self.value(self.chance.choice([each for each in options if each.get("type") != "null"] or options), defined)
        if "const" in schema or "enum" in schema:
            return self.chance.choice(schema.get("enum") or [schema["const"]])
        return self._typed(schema, defined)

    def _typed(self, schema: Schema, defined: dict[str, Schema]) -> Any:
        match schema.get("type"):
            case "object":
                return self._object(schema, defined)
            case "array":
                return [self.value(schema.get("items", {}), defined) for _ in range(self.chance.randint(0, 2))]
            case "integer" | "number":
                return self.chance.randint(int(schema.get("minimum", 0)), int(schema.get("maximum", 50)))
            case "boolean":
                return self.chance.random() < 0.5
            case _:
                return self._text(schema)

    def _object(self, schema: Schema, defined: dict[str, Schema]) -> dict[str, Any]:
        needed = schema.get("required", [])
        parts: dict[str, Schema] = schema.get("properties", {})
        return {name: self.value(part, defined) for name, part in parts.items() if name in needed or self.chance.random() < 0.6}

    def _text(self, schema: Schema) -> str:
        wanted = ID.fullmatch(schema.get("pattern", ""))
        if wanted:
            return self.chance.choice(self.ids.get(wanted.group(1)) or [f"{wanted.group(1)}_{'0' * 32}"])
        if schema.get("format") == "date-time":
            return self.chance.choice(MOMENTS)
        word = self.chance.choice(WORDS)
        return word.ljust(schema.get("minLength", 0), "-")[: schema.get("maxLength", len(word) + 8)]
