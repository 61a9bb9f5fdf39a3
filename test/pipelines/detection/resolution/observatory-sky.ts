/** First part of a small Python package: bodies and catalog. */
export const observatorySky: Readonly<Record<string, string>> = {
  'run.py': `
from observatory import simulate
from observatory.cli import main

if __name__ == "__main__":
    simulate(3)
    main(["--nights", "2"])
    main([])
`,
  'observatory/__init__.py': `
"""Simulates nights at an observatory."""
from .night import Night, simulate
from .sky.catalog import Catalog as StarCatalog
from . import sky
from .sky import *

__all__ = ["Night", "simulate", "StarCatalog", "sky"]
`,
  'observatory/sky/__init__.py': `
from .bodies import Body, Planet, Star
from .catalog import Catalog, default_catalog

__all__ = ["Body", "Planet", "Star", "default_catalog"]
`,
  'observatory/sky/bodies.py': `
from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar, Iterator, Optional

from ..support.memo import memoized


class Body(ABC):
    registry: ClassVar[dict] = {}

    def __init__(self, name: str, distance: float = 1.0):
        self.name = name
        self.distance = self._check(distance)
        self.register(self)

    @classmethod
    def register(cls, body: "Body") -> None:
        Body.registry[cls.key(body.name)] = body

    @staticmethod
    def key(name: str) -> str:
        return normalize(name)

    @abstractmethod
    def brightness(self) -> float:
        ...

    def describe(self) -> str:
        return f"{self.label()} at {format_distance(self.distance)}, {self.brightness():.2f}"

    def label(self) -> str:
        return self.name.title()

    def _check(self, value: float) -> float:
        if value < 0:
            raise ValueError(self.label())
        return value


class Star(Body):
    def __init__(self, name, distance=1.0, power=1.0):
        super().__init__(name, distance)
        self.power = power
        self.planets: list[Planet] = []

    def brightness(self):
        return self.power / inverse_square(self.distance)

    def add(self, *planets: "Planet") -> "Star":
        for planet in planets:
            planet.attach(self)
            self.planets.append(planet)
        return self

    def __iter__(self) -> Iterator[Planet]:
        return iter(self.planets)

    @property
    def brightest(self) -> Optional[Planet]:
        return max(self.planets, key=lambda planet: planet.brightness(), default=None)


class Planet(Body):
    star: Optional[Star] = None

    def attach(self, star: Star) -> None:
        self.star = star
        self.distance = self._check(star.distance)

    def brightness(self):
        if self.star is None:
            return 0.0
        return self.star.brightness() * 0.01

    def label(self):
        return super().label() + self._suffix()

    def _suffix(self):
        return " (" + (self.star.label() if self.star else "lost") + ")"


@dataclass
class Position:
    x: float
    y: float
    trail: list = field(default_factory=list)

    def moved(self, dx: float, dy: float) -> "Position":
        return Position(self.x + dx, self.y + dy, [*self.trail, self])

    def length(self) -> float:
        return hypotenuse(self.x, self.y)

    def __add__(self, other):
        return self.moved(other.x, other.y)


@memoized
def inverse_square(value: float) -> float:
    return square(value) or 1.0


def square(value):
    return value * value


def hypotenuse(x, y):
    return math.sqrt(square(x) + square(y))


def normalize(name):
    return name.strip().lower()


def format_distance(distance):
    return "%.1f ly" % distance
`,
  'observatory/sky/catalog.py': `
from collections import defaultdict
from typing import Callable, Dict, Generic, Iterable, List, TypeVar

from . import bodies
from .bodies import Body, Planet, Star

T = TypeVar("T")


class Index(Generic[T]):
    def __init__(self, key: Callable[[T], str]):
        self._key = key
        self._items: Dict[str, List[T]] = defaultdict(list)

    def add(self, item: T) -> T:
        self._items[self._key(item)].append(item)
        return item

    def first(self, key: str) -> T:
        return self._items[key][0]

    def all(self) -> Iterable[T]:
        for items in self._items.values():
            yield from items


class Catalog:
    def __init__(self, bodies_: Iterable[Body] = ()):
        self.index: Index[Body] = Index(first_letter)
        self.count = 0
        for body in bodies_:
            self.add(body)

    def add(self, body: Body) -> Body:
        self.count += 1
        return self.index.add(body)

    def find(self, letter: str) -> Body:
        return self.index.first(letter)

    def report(self) -> List[str]:
        return [body.describe() for body in self.index.all()]

    def __len__(self):
        return self.count


def first_letter(body: Body) -> str:
    return bodies.normalize(body.name)[0]


def default_catalog() -> Catalog:
    sun = Star("sun", 0.0, power=100)
    vega = bodies.Star("vega", 25.0)
    sun.add(Planet("earth"), Planet("mars"))
    catalog = Catalog([sun, vega])
    for planet in sun.planets:
        catalog.add(planet)
    return catalog
`,
};
