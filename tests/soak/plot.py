"""A picture of a run as SVG: panels one above the other with one time axis, restarts as lines, rest as shade."""

import dataclasses
import html
import math

WIDTH, PANEL, GAP, LEFT, RIGHT, TOP = 1200, 170, 46, 70, 20, 74
COLOURS = ["#1f6fb4", "#c8641e", "#2c8a4b"]
ENDINGS = {"kill": "#c62828", "restart": "#6a3fb5", "end": "#777777"}


@dataclasses.dataclass
class Panel:
    title: str
    # name -> [(minute, value)...]
    lines: dict


def ticks(top):
    """A few round numbers from 0 to above `top`."""
    power = 10.0 ** math.floor(math.log10(top))
    step = next(power * part for part in (0.2, 0.5, 1, 2) if top < 5 * power * part)
    return [round(step * number, 6) for number in range(int(top / step) + 2)]


def draw(title, minutes, panels, restarts, rests):
    """`restarts`: [(minute, how)...]; `rests`: [(from, until)...] in minutes."""
    height = TOP + len(panels) * (PANEL + GAP)
    span = max(minutes, 0.1)

    def x(minute):
        return LEFT + (WIDTH - LEFT - RIGHT) * minute / span

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
           'font-family="sans-serif" font-size="12">', f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
           f'<text x="{LEFT}" y="24" font-size="17">{html.escape(title)}</text>',
           f'<text x="{LEFT}" y="42" fill="#555">grey: rest; lines: <tspan fill="{ENDINGS["kill"]}">killed</tspan>, '
           f'<tspan fill="{ENDINGS["restart"]}">restarted</tspan>; minutes below</text>']
    for number, panel in enumerate(panels):
        out += panel_of(panel, TOP + number * (PANEL + GAP), span, x, restarts, rests)
    return "\n".join([*out, "</svg>", ""])


def panel_of(panel, top, span, x, restarts, rests):
    values = [value for line in panel.lines.values() for _, value in line if value is not None]
    scale = ticks(max(values, default=1) or 1)

    def y(value):
        return top + PANEL - PANEL * value / scale[-1]

    out = [f'<rect x="{x(a):.1f}" y="{top}" width="{x(b) - x(a):.1f}" height="{PANEL}" fill="#f0f0f0"/>' for a, b in rests]
    for value in scale:
        out += [f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}" stroke="#ddd"/>',
                f'<text x="{LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:g}</text>']
    step = max(1, round(span / 12))
    out += [f'<text x="{x(minute):.1f}" y="{top + PANEL + 15}" text-anchor="middle">{minute}</text>'
            for minute in range(0, int(span) + 1, step)]
    out += [f'<line x1="{x(minute):.1f}" x2="{x(minute):.1f}" y1="{top}" y2="{top + PANEL}" stroke="{ENDINGS.get(how, "#777")}" '
            'stroke-dasharray="4 3"/>' for minute, how in restarts]
    legend = []
    for (name, line), colour in zip(panel.lines.items(), COLOURS):
        legend.append(f'<tspan fill="{colour}">{html.escape(name)}</tspan>')
        out += [f'<polyline fill="none" stroke="{colour}" stroke-width="1.3" points="{points}"/>'
                for points in pieces(line, x, y)]
    out.append(f'<text x="{LEFT}" y="{top - 6}">{html.escape(panel.title)}: {", ".join(legend)}</text>')
    return out


def pieces(line, x, y):
    """A line is broken where there is nothing to show."""
    piece = []
    for minute, value in [*line, (0, None)]:
        if value is not None:
            piece.append(f"{x(minute):.1f},{y(value):.1f}")
        elif piece:
            yield " ".join(piece)
            piece = []
