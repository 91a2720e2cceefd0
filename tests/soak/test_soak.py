#!/usr/bin/env python3
"""Judges the soak: what it computes of made-up runs is right, and neither cries wolf nor is blind.

Run: python3 tests/soak/test_soak.py
"""

import math
import pathlib
import random
import sys
import unittest
import xml.etree.ElementTree

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "judges")]

import crowd
import link
import plan
import plot
import rhythm
import slope
import verdicts
from ledger import ABSENT, Ledger

ALLOWED = 10.0


def run(chance, per_hour=0.0, lives=2, seconds=900, noise=2.0, alike=0.8, levels=(60, 70)):
    """The judged time of an hour's long life, rough and at rest: levels of their own, one slope, and noise that goes on as
    memory's does."""
    made = []
    for _ in range(lives):
        level, wave, life = chance.uniform(*levels), 0.0, []
        for second in range(0, seconds, 2):
            wave = alike * wave + chance.gauss(0, noise * math.sqrt(1 - alike * alike))
            spike = 15 if chance.random() < 0.01 else 0
            life.append((second, level + per_hour * second / 3600 + wave + spike))
        made.append(life)
    return made


class Slopes(unittest.TestCase):
    def verdicts(self, count, **more):
        found = [slope.judge(run(random.Random(seed), **more), ALLOWED).verdict for seed in range(count)]
        return {verdict: found.count(verdict) for verdict in ("rising", "flat", "unclear")}

    def test_an_hour_without_a_leak_is_flat(self):
        found = self.verdicts(100)
        self.assertLessEqual(found["rising"], 1, found)
        self.assertGreaterEqual(found["flat"], 97, found)

    def test_noise_that_goes_on_for_minutes_is_no_leak(self):
        found = self.verdicts(40, alike=0.99, noise=3.0)
        self.assertLessEqual(found["rising"], 1, found)

    def test_a_leak_of_an_hour_is_seen(self):
        self.assertEqual(self.verdicts(40, per_hour=60.0)["rising"], 40)
        self.assertEqual(self.verdicts(40, per_hour=30.0)["flat"], 0)

    def test_a_thread_lost_with_each_of_a_few_hundred_faults_is_seen(self):
        found = self.verdicts(40, per_hour=300.0, noise=20.0)
        self.assertEqual(found["rising"], 40, found)

    def test_the_levels_of_lives_are_no_slope(self):
        chance = random.Random(7)
        rising = [[(s, 50 + 20 * number + chance.gauss(0, 1)) for s in range(0, 720, 2)] for number in range(5)]
        self.assertEqual(slope.judge(rising, ALLOWED).verdict, "flat")

    def test_a_short_or_wild_run_claims_nothing(self):
        self.assertEqual(slope.judge([], ALLOWED).verdict, "unclear")
        self.assertEqual(slope.judge(run(random.Random(1), lives=1, seconds=60), ALLOWED).verdict, "unclear")
        found = self.verdicts(50, lives=2, seconds=120, noise=10.0)
        self.assertLessEqual(found["rising"] + found["flat"], 4, found)

    def test_a_slope_is_what_it_is(self):
        exact = slope.judge([[(s, 5 + s / 36) for s in range(0, 600, 2)]], ALLOWED)
        self.assertAlmostEqual(exact.per_hour, 100.0, places=3)
        self.assertEqual(exact.verdict, "rising")
        self.assertEqual(slope.judge([[(s, 5) for s in range(0, 600, 2)]], ALLOWED).verdict, "flat")


class Edits(unittest.TestCase):
    def test_what_was_acknowledged_has_to_be_there(self):
        ledger = Ledger()
        ledger.acknowledge("a", "one")
        ledger.acknowledge("a", "two")
        ledger.compare({"a": "two"}, "now")
        self.assertEqual(ledger.faults, [])
        ledger.compare({"a": "one"}, "later")
        self.assertEqual(ledger.faults, ["later: a is 'one', not 'two'"])

    def test_an_edit_without_an_answer_may_have_happened_or_not_and_then_stays_so(self):
        for found in ("one", "two"):
            ledger = Ledger()
            ledger.acknowledge("a", "one")
            ledger.doubt("a", "two")
            ledger.compare({"a": found}, "now")
            self.assertEqual(ledger.faults, [])
            ledger.compare({"a": "two" if found == "one" else "one"}, "later")
            self.assertEqual(len(ledger.faults), 1)

    def test_printers_come_and_go(self):
        ledger = Ledger()
        ledger.doubt("new", "one")
        ledger.compare({}, "now")
        ledger.acknowledge("b", "one")
        ledger.acknowledge("b", ABSENT)
        ledger.compare({}, "now")
        self.assertEqual((ledger.faults, ledger.right), ([], {}))
        ledger.acknowledge("c", "one")
        ledger.compare({"d": "one"}, "now")
        self.assertEqual(len(ledger.faults), 2)


def told(parts):
    """A printer whose parts come at these times, ten in a segment."""
    made = rhythm.Rhythm()
    for number, at in enumerate(parts):
        made.part(at, max(0, number // 10 - 5), number // 10, number % 10)
    return made


class Rhythms(unittest.TestCase):
    def test_a_picture_that_was_away_is_back_with_its_first_part(self):
        away = told([0, 0.3, 0.6, 9.5, 9.8])
        self.assertAlmostEqual(away.back_after(8.0, 10.5), 1.5)
        self.assertIsNone(told([0, 0.3, 0.6]).back_after(8.0, 12.0))

    def test_an_accident_without_length_is_measured_from_its_beginning(self):
        accident = told([0, 0.3, 0.6, 0.9, 3.9, 4.2])
        self.assertAlmostEqual(accident.back_after(0.5, 12.0), 3.4)
        self.assertEqual(told([n / 3 for n in range(60)]).back_after(0.5, 12.0), 0.0)
        self.assertIsNone(told([0, 0.3, 0.6, 0.9]).back_after(0.5, 12.0))

    def test_a_second_interruption_is_not_the_first_ones(self):
        later = told([n / 3 for n in range(30)] + [30, 30.3])
        self.assertEqual(later.back_after(0.5, 40.0), 0.0)

    def test_numbers_go_on_and_never_back(self):
        made = rhythm.Rhythm()
        for first, msn, part in ((3, 8, 2), (3, 8, 2), (4, 9, 0), (4, 9, 1), (4, 9, 0)):
            made.part(0, first, msn, part)
        self.assertEqual(made.faults, [])
        made.part(0, 4, 8, 9)
        made.part(0, 3, 9, 1)
        self.assertEqual(len(made.faults), 2)

    def test_a_window_that_was_read_back_is_no_picture(self):
        made = told([0, 0.3, 0.6])
        made.renew()
        made.part(2.0, 0, 1, 0)
        self.assertEqual(list(made.times), [0, 0.3, 0.6])
        made.part(3.0, 0, 1, 1)
        made.part(3.3, 0, 2, 0)
        self.assertEqual(list(made.times)[3:], [3.0, 3.3])

    def test_a_playlist_is_read_to_its_end(self):
        text = ('#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:7\n#EXTINF:2,\nseg7.ts\n#EXT-X-PART:DURATION=0.3,URI="seg8.ts",BYTERANGE="188@0"\n'
                '#EXT-X-PART:DURATION=0.3,URI="seg8.ts",BYTERANGE="376@188"\n')
        first, msn, part, newest = link.edge(text)
        self.assertEqual((first, msn, part), (7, 8, 2))
        self.assertIn("376@188", newest)
        self.assertEqual(link.edge("#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:7\n#EXTINF:2,\nseg7.ts\n")[:3], (7, 8, 0))


class Viewers(unittest.TestCase):
    def test_a_gap_is_not_asked_for(self):
        self.assertEqual(crowd.segments("#EXTM3U\n#EXTINF:2,\nseg1.ts\n#EXT-X-GAP\n#EXTINF:2,\nseg2.ts\n#EXTINF:2,\nseg3.ts\n"),
                         ["seg1.ts", "seg3.ts"])

    def test_what_is_refused_is_told_by_its_kind(self):
        self.assertEqual(crowd.kind_of("/hls/7/seg123.ts"), "segN.ts")
        self.assertEqual(crowd.kind_of("/hls/7/stream_ll.m3u8?_HLS_msn=7"), "stream_ll.m3u8")


class Plans(unittest.TestCase):
    def test_every_run_has_lives_that_rest_and_that_differ_in_their_ends(self):
        for minutes in (8, 20, 60, 480):
            lives = plan.lives(60 * minutes, random.Random(minutes))
            self.assertGreaterEqual(len(lives), 3)
            self.assertAlmostEqual(lives[-1].end, 60 * minutes)
            self.assertEqual(lives[-1].ending, "end")
            self.assertTrue(all(one.begin < one.rough < one.rest < one.end for one in lives))
            if minutes >= 60:
                self.assertGreater(max(one.rest - one.begin for one in lives), 2.5 * verdicts.WARM_UP_S)
            self.assertEqual([one.end for one in lives[:-1]], [one.begin for one in lives[1:]])
            self.assertEqual({one.ending for one in lives}, {"kill", "restart", "end"})

    def test_the_same_seed_is_the_same_run(self):
        self.assertEqual(plan.lives(3600, random.Random(3)), plan.lives(3600, random.Random(3)))

    def test_a_fault_that_lasts_has_a_heal(self):
        for fault in plan.OF_A_CAMERA + plan.OF_A_BROKER + plan.OF_A_GROUP:
            self.assertEqual(bool(fault.end), fault.lasts[1] > 0, fault.name)
            self.assertLess(fault.lasts[1], 20, fault.name)


class Plots(unittest.TestCase):
    def test_a_plot_is_xml_with_every_panel_and_restart(self):
        panels = [plot.Panel("a < b", {"x": [(0, 1.0), (1, None), (2, 3.0), (3, 4.0)]}), plot.Panel("empty", {"y": []})]
        root = xml.etree.ElementTree.fromstring(plot.draw("run & rest", 5, panels, [(2.5, "kill")], [(3, 4)]))
        lines = root.findall("{*}polyline")
        self.assertEqual([len(line.get("points").split()) for line in lines], [1, 2])
        self.assertEqual(sum(line.get("stroke-dasharray") is not None for line in root.findall("{*}line")), 2)

    def test_the_scale_reaches_above_what_there_is(self):
        for top in (0.004, 0.5, 1, 7, 99, 100, 12345):
            scale = plot.ticks(top)
            self.assertGreater(scale[-1], top)
            self.assertLessEqual(len(scale), 9, (top, scale))


if __name__ == "__main__":
    unittest.main()
