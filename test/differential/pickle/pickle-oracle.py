"""Runs CPython's C unpickler on pickles from standard input (one base64 text per line) and says what it did, as JSON lines.

Nothing is imported: find_class yields stand-ins that only note what is done to them. The file has no peek(), so that the
position after an error is the place the unpickler had read to; with "peek" as argument it has one that shows everything,
which makes the C unpickler read as it does from memory.
"""
import base64
import io
import json
import pickle
import resource
import sys

resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
sys.set_int_max_str_digits(0) if hasattr(sys, "set_int_max_str_digits") else None
events = []


class Meta(type):
    def __call__(cls, *args, **kwargs):
        events.append(["call", cls.named])
        return cls.__new__(cls, *args, quiet=True)


def stand_in(module, name):
    named = f"{module} {name}"

    class StandIn(metaclass=Meta):
        def __new__(cls, *args, quiet=False, **kwargs):
            if not quiet:
                events.append(["new", named])
            return object.__new__(cls)

        def __call__(self, *args, **kwargs):
            events.append(["call", "instance"])
            return object.__new__(type(self))

        def __setstate__(self, state):
            events.append(["setstate", named])

        def extend(self, items):
            events.append(["extend", named, len(items)])

        def __setitem__(self, key, value):
            events.append(["setitem", named])

        def add(self, item):
            events.append(["add", named])

    StandIn.named = named
    return StandIn


class Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        events.append(["find", module, name])
        return stand_in(module, name)


class Peeking(io.BytesIO):
    def peek(self, size):
        return self.getvalue()[self.tell():]


for line in sys.stdin:
    data = base64.b64decode(line)
    events.clear()
    file = (Peeking if "peek" in sys.argv else io.BytesIO)(data)
    try:
        Unpickler(file).load()
        ended, why = "stop", ""
    except EOFError as error:
        ended, why = "truncated", str(error)
    except MemoryError:
        ended, why = "memory", ""
    except RecursionError:
        ended, why = "memory", "recursion"
    except BaseException as error:
        ended = "truncated" if isinstance(error, pickle.UnpicklingError) and str(error) == "pickle data was truncated" else "error"
        why = f"{type(error).__name__}: {error}"
    print(json.dumps({"ended": ended, "why": why[:200], "tell": file.tell(), "events": events}))
    sys.stdout.flush()
