"""The Chinese font that is written with on watermarks and documents."""

from pathlib import Path

from otsp_chassis.context import current_runtime

FONTS = tuple(
    Path(font)
    for font in (
        "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
        "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
        "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
        "/System/Library/Fonts/PingFang.ttc",
        "/System/Library/Fonts/STHeiti Light.ttc",
    )
)
"""The first is the smallest, and the one that PDFium itself asks for."""


def find_chinese_font() -> Path | None:
    """The one that the settings name, else the first that is there."""
    named = current_runtime().settings.watermark_font
    return next((font for font in ([named] if named else FONTS) if font.is_file()), None)
