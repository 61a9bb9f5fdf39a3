/** A small Python package that runs without input, whose calls are compared with those of the running program. */
import { observatorySky } from './observatory-sky.ts';
import { observatorySupport } from './observatory-support.ts';

export const observatoryProject: Readonly<Record<string, string>> = {
  ...observatorySky,
  ...observatorySupport,
  'observatory/night.py': `
import random as _random
from dataclasses import dataclass
from typing import Optional

from observatory.sky import catalog as catalogs
from observatory.sky.bodies import Body, Position, inverse_square
from observatory.support.lens import Lens, make_lens, opened
from observatory.support.memo import counted, logged, memoized


class Weather:
    CLEAR = "clear"

    def __init__(self, seed: int = 1):
        self._random = _random.Random(seed)

    def cloudy(self) -> bool:
        return self.roll() > 0.9

    def roll(self):
        return self._random.random()


class Mixin:
    def note(self, text):
        self.notes.append(tidy(text))
        return self


class Night(Mixin):
    def __init__(self, catalog: catalogs.Catalog, weather: Optional[Weather] = None):
        self.catalog = catalog
        self.weather = weather or Weather()
        self.notes = []
        self.position = Position(0, 0)

    def run(self):
        if self.weather.cloudy():
            return self.note("clouds").summary()
        for line in self.catalog.report():
            self.note(line).note("seen")
        self.position = self.position.moved(1, 2).moved(3, 4)
        self.position.length()
        self.observe(self.catalog.find("v"))
        return self.summary()

    @logged(level="debug")
    def observe(self, body: Body):
        with opened(2) as lens:
            lens.clean()
            lens(body.brightness())
        with Lens(3) as other:
            other.scale(1)
        make_lens("small").clean()
        make_lens("large").clean()
        return body.describe()

    def summary(self):
        return "\\n".join(self.notes) or tidy("none")


def tidy(text):
    return text.strip()


@counted
def night(seed):
    return Night(catalogs.default_catalog(), Weather(seed)).run()


@memoized
@logged()
def score(number):
    return total(number)


def total(number):
    if number == 0:
        return inverse_square(2)
    return number + total(number - 1)


def simulate(nights):
    results = [night(seed) for seed in range(nights)]
    score(nights)
    handle = total
    handle(2)
    pick = {"a": tidy, "b": total}
    pick["a"]("x")
    list(map(tidy, results))
    sorted(results, key=tidy)
    stars = [body for body in catalogs.default_catalog().index.all()]
    stars[0].describe()
    first, *rest = stars
    first.label()
    rest[0].describe()
    sun = catalogs.Star("sol")
    sun.add(catalogs.Planet("io")).brightness()
    if sun.brightest:
        sun.brightest.label()
    for planet in sun:
        planet.label()
    (Position(1, 1) + Position(2, 2)).length()
    return generate(results)


def generate(results):
    def shorten(text):
        return tidy(text)[:3]

    return [shorten(result) for result in results]
`,
  'observatory/archive.py': `
from typing import Dict, List, Optional, Tuple

from .sky.bodies import Body, Planet, Star


class Shelf:
    def __init__(self):
        self.boxes: Dict[str, "Box"] = {}
        self.last: Optional["Box"] = None

    def box(self, name) -> "Box":
        if name not in self.boxes:
            self.boxes[name] = Box(name)
        self.last = self.boxes[name]
        return self.last

    def boxes_with_names(self) -> List[Tuple[str, "Box"]]:
        return sorted(self.boxes.items())

    def label(self):
        return "shelf"


class Box:
    def __init__(self, name):
        self.name = name
        self.plates = []

    def put(self, *plates):
        self.plates.extend(plates)
        return self

    def label(self):
        return stamp(self.name)

    def __lt__(self, other):
        return self.name < other.name


def stamp(text):
    return "[" + text + "]"


def pick(flag):
    return Star("a") if flag else Star("b")


def store(bodies: List[Body]):
    shelf = Shelf()
    thing = shelf.box("x")
    thing.label()
    thing = shelf
    thing.label()
    shelf.box("y").put(1).put(2).label()
    for name, box in shelf.boxes.items():
        box.put(name)
    for number, box in enumerate(shelf.boxes.values()):
        box.put(number)
    for name, box in shelf.boxes_with_names():
        box.label()
    if shelf.last:
        shelf.last.label()
    bodies[0].describe()
    for body in reversed(bodies):
        body.label()
    first, second = pick(True), Planet("c")
    first.add(second)
    second.label()
    pick(False).brightness()
    count = len([body.label() for body in bodies if body.brightness() > 0])
    longest = max(bodies, key=Body.label)
    return count, longest
`,
  'observatory/cli.py': `
import argparse
import asyncio

from . import archive
from . import night as nights
from .sky.bodies import Planet, Star
from .support import memo
from .support.memo import registered


@registered("simulate")
def run_simulation(count):
    return nights.simulate(count)


class Shell:
    handlers = {}

    def dispatch(self, name, *args):
        method = getattr(self, "do_" + name)
        return method(*args)

    def do_help(self):
        return self.usage()

    def usage(self):
        return "usage"


async def fetch(url):
    return await decode(url)


async def decode(url):
    return url.upper()


class Client:
    async def get(self, url):
        return await fetch(url)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        await self.close()

    async def close(self):
        return None


async def work():
    async with Client() as client:
        await client.get("a")
    one = Client()
    await one.get("b")


def parse(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("--nights", type=int, default=1)
    return parser.parse_args(arguments)


def main(arguments):
    options = parse(arguments)
    run_simulation(options.nights)
    memo.commands["simulate"](1)
    shell = Shell()
    shell.dispatch("help")
    shell.do_help()
    asyncio.run(work())
    archive.store([Star("d"), Planet("e")])
    return options
`,
};
