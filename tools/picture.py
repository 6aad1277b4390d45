#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Draws what "tmux capture-pane -e -p" printed, from stdin, into a PNG.

    picture.py FILE
"""

import re
import sys
import unicodedata

from PIL import Image, ImageDraw, ImageFont

COLUMNS, ROWS, SIZE = 100, 30, 15
WIDTH, HEIGHT, MARGIN = 9, 19, 14
BACK, FRONT = (0x16, 0x18, 0x1D), (0xD8, 0xDB, 0xE0)
BASIC = ["16181d", "e06c75", "98c379", "e5c07b", "61afef", "c678dd", "56b6c2", "d8dbe0",
         "5c6370", "ff8787", "87d787", "ffd75f", "87afff", "d787ff", "5fd7ff", "ffffff"]
FONTS = "/usr/share/fonts/"
DEJAVU = FONTS + "truetype/dejavu/DejaVuSansMono"
CJK = FONTS + "opentype/noto/NotoSansCJK-Regular.ttc"
EMOJI = FONTS + "truetype/noto/NotoColorEmoji.ttf"
EMOJI_SIZE = 109  # the only one that it has

mono = ImageFont.truetype(DEJAVU + ".ttf", SIZE)
bold = ImageFont.truetype(DEJAVU + "-Bold.ttf", SIZE)
cjk = ImageFont.truetype(CJK, SIZE + 1)
emoji = ImageFont.truetype(EMOJI, EMOJI_SIZE)


def indexed(n):
    if n < 16:
        return tuple(bytes.fromhex(BASIC[n]))
    if n >= 232:
        return (8 + (n - 232) * 10,) * 3
    n -= 16
    steps = (0, 0x5F, 0x87, 0xAF, 0xD7, 0xFF)
    return steps[n // 36], steps[n // 6 % 6], steps[n % 6]


class Pen:
    def __init__(self):
        self.reset()

    def reset(self):
        self.front, self.back, self.flags = None, None, set()

    def take(self, parameters):
        numbers = [int(n or 0) for n in re.split("[;:]", parameters)]
        while numbers:
            n = numbers.pop(0)
            if n == 0:
                self.reset()
            elif n in (1, 2, 3, 4, 7):
                self.flags.add(n)
            elif n == 22:
                self.flags -= {1, 2}
            elif n in (23, 24, 27):
                self.flags.discard(n - 20)
            elif n in (38, 48):
                if numbers.pop(0) == 5:
                    colour = indexed(numbers.pop(0))
                else:
                    colour = tuple(numbers[:3])
                    del numbers[:3]
                self.front, self.back = (colour, self.back) if n == 38 else (self.front, colour)
            elif 30 <= n <= 37 or 90 <= n <= 97:
                self.front = indexed(n - 30 if n < 90 else n - 82)
            elif 40 <= n <= 47 or 100 <= n <= 107:
                self.back = indexed(n - 40 if n < 100 else n - 92)
            elif n == 39:
                self.front = None
            elif n == 49:
                self.back = None


def clusters(text):
    """Characters with what joins them: marks, variation selectors, ZWJ and what is behind it."""
    result = []
    for c in text:
        joins = unicodedata.combining(c) or c in "\u200d\ufe0f" or "\U0001f3fb" <= c <= "\U0001f3ff"
        if result and (joins or result[-1].endswith("\u200d")):
            result[-1] += c
        else:
            result.append(c)
    return result


def columns(cluster):
    return 2 if unicodedata.east_asian_width(cluster[0]) in "WF" else 1


def draw_emoji(image, at, cluster, width):
    box = Image.new("RGBA", (EMOJI_SIZE * 5 // 4, EMOJI_SIZE * 5 // 4))
    ImageDraw.Draw(box).text((0, 0), cluster, font=emoji, embedded_color=True)
    box = box.crop(box.getbbox())
    size = min(width, HEIGHT - 2)
    box = box.resize((size, size), Image.LANCZOS)
    image.paste(box, (at[0] + (width - size) // 2, at[1] + 1), box)


def draw_cell(image, draw, at, cluster, pen):
    width = columns(cluster) * WIDTH
    front, back = pen.front or FRONT, pen.back or BACK
    if 7 in pen.flags:
        front, back = back, front
    if 2 in pen.flags:
        front = tuple((f + b) // 2 for f, b in zip(front, back))
    draw.rectangle((at[0], at[1], at[0] + width - 1, at[1] + HEIGHT - 1), fill=back)
    if 4 in pen.flags:
        draw.line((at[0], at[1] + HEIGHT - 3, at[0] + width - 1, at[1] + HEIGHT - 3), fill=front)
    c = ord(cluster[0])
    if c >= 0x1F000 or (0x2600 <= c < 0x2700 and columns(cluster) == 2):
        draw_emoji(image, at, cluster, width)
    elif c in range(0x2500, 0x2503):  # lines go from edge to edge
        middle = (at[0] + width // 2, at[1] + HEIGHT // 2)
        if c == 0x2500:
            draw.line((at[0], middle[1], at[0] + width - 1, middle[1]), fill=front)
        else:
            draw.line((middle[0], at[1], middle[0], at[1] + HEIGHT - 1), fill=front)
    elif c >= 0x2E80:
        draw.text((at[0] + 1, at[1] + 13), cluster, font=cjk, fill=front, anchor="ls")
    elif cluster != " ":
        draw.text((at[0], at[1] + 14), cluster, font=bold if 1 in pen.flags else mono, fill=front,
                  anchor="ls")


def main():
    image = Image.new("RGB", (COLUMNS * WIDTH + 2 * MARGIN, ROWS * HEIGHT + 2 * MARGIN), BACK)
    draw = ImageDraw.Draw(image)
    pen = Pen()
    for row, line in enumerate(sys.stdin.read().split("\n")[:ROWS]):
        column = 0
        for part in re.split("(\033\\[[0-9;:]*m)", line):
            if part.startswith("\033"):
                pen.take(part[2:-1])
                continue
            part = re.sub("\033[()]B|[\x0e\x0f]", "", part)
            for cluster in clusters(part):
                at = (MARGIN + column * WIDTH, MARGIN + row * HEIGHT)
                draw_cell(image, draw, at, cluster, pen)
                column += columns(cluster)
    image.quantize(128, dither=Image.Dither.NONE).save(sys.argv[1], optimize=True)


main()
