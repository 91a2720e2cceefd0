"""What the service has acknowledged of edits, and what therefore has to be there.

An edit whose answer never came may have happened or not: then both are right, until the next look decides.
"""

ABSENT = object()


class Ledger:
    def __init__(self):
        # key -> the values that may be found; ABSENT for a printer that is gone.
        self.right = {}
        self.acknowledged = self.unanswered = 0
        self.faults = []

    def acknowledge(self, key, value):
        self.right[key] = [value]
        self.acknowledged += 1

    def doubt(self, key, value):
        """It was asked for, and no answer came."""
        known = self.right.setdefault(key, [ABSENT])
        if value not in known:
            known.append(value)
        self.unanswered += 1

    def compare(self, found, when):
        """`found`: key -> value of all there are. What is found decides what was in doubt."""
        for key, values in self.right.items():
            value = found.get(key, ABSENT)
            if value not in values:
                self.faults.append(f"{when}: {key} is {name(value)}, not {names(values)}")
            self.right[key] = [value]
        for key in found.keys() - self.right.keys():
            # One more that was asked for in a request without an answer has no number here.
            self.faults.append(f"{when}: {key} is {name(found[key])} and nobody asked for it")
            self.right[key] = [found[key]]
        self.right = {key: values for key, values in self.right.items() if values != [ABSENT]}


def names(values):
    known = " or ".join(map(name, values[:3]))
    return known + (f" or one of {len(values) - 3} more" if len(values) > 3 else "")


def name(value):
    return "gone" if value is ABSENT else repr(value)
