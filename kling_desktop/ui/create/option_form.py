"""Shape, length and the options that are folded away, built from what the model offers."""

from collections.abc import Collection

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from kling_desktop.domain.catalog import Dimensions, ModelSpec
from kling_desktop.domain.draft import Draft
from kling_desktop.domain.problems import Field as DraftField
from kling_desktop.ui.controls.collapsible import CollapsibleSection
from kling_desktop.ui.controls.fields import Field
from kling_desktop.ui.controls.highlight_ring import HighlightRing
from kling_desktop.ui.controls.labels import Label
from kling_desktop.ui.controls.layouts import PairingRow
from kling_desktop.ui.controls.segmented import Segment, SegmentedControl
from kling_desktop.ui.controls.slider import LabelledSlider
from kling_desktop.ui.create.prompt_field import PromptField
from kling_desktop.ui.theme.look import Look
from kling_desktop.ui.theme.painting import draw_frame, draw_text
from kling_desktop.ui.theme.plain_text import set_tooltip
from kling_desktop.wording import create as words
from kling_desktop.wording.problems import field_name


class _Following(QWidget):
    """In place of the shapes where the model takes its size from the first frame."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setAccessibleName(words.follows_frame_name())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(120, self._look.theme.height("segmented"))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        rect = QRectF(self.rect())
        draw_frame(painter, rect, theme.radius("md"), theme.color("canvas"), theme.color("line"))
        area = rect.adjusted(10, 0, -6, 0)
        text = words.follows_frame()
        draw_text(painter, area, text, theme.font("small"), theme.color("text-2"))


class OptionForm(QWidget):
    """Edits the settings of a draft; the signals report only what the user changed."""

    dimensions_changed = Signal(object)
    duration_changed = Signal(object)
    negative_prompt_changed = Signal(str)
    cfg_scale_changed = Signal(float)

    def __init__(self, look: Look, spec: ModelSpec, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._spec = spec
        self.shape = SegmentedControl(
            look, field_name(DraftField.DIMENSIONS), _shape_segments(spec)
        )
        self._following = _Following(look)
        self._shapes = QStackedWidget()
        self._shapes.addWidget(self.shape)
        self._shapes.addWidget(self._following)
        self._shapes.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.length = SegmentedControl(
            look, field_name(DraftField.DURATION), _length_segments(spec)
        )
        cfg = spec.cfg_scale
        self.negative_prompt = PromptField(
            look,
            field_name(DraftField.NEGATIVE_PROMPT),
            words.negative_prompt_hint(),
            visible_lines=1,
        )
        self.strength = LabelledSlider(
            look, field_name(DraftField.CFG_SCALE), cfg.min, cfg.max, default=cfg.default
        )
        set_tooltip(self.strength, words.strength_hint())
        self.options = CollapsibleSection(look, words.more_options(), self._build_options())
        self._rings = {
            DraftField.DIMENSIONS: HighlightRing(look, self._shapes),
            DraftField.DURATION: HighlightRing(look, self.length),
        }
        self._build()
        self._connect()

    def _build_options(self) -> QWidget:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self._look.theme.space(3))
        column.addWidget(self.negative_prompt)
        row = QHBoxLayout()
        row.setSpacing(self._look.theme.space(3) - 4)
        row.addWidget(Label(field_name(DraftField.CFG_SCALE), "label", "text-2"))
        row.addWidget(self.strength, 1)
        column.addLayout(row)
        return content

    def _build(self) -> None:
        row = PairingRow(self._look.theme.space(3))
        row.addWidget(Field(field_name(DraftField.DIMENSIONS), self._shapes), 9)
        row.addWidget(Field(field_name(DraftField.DURATION), self.length), 5)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self._look.theme.space(3))
        column.addLayout(row)
        column.addWidget(self.options)

    def _connect(self) -> None:
        self.shape.value_changed.connect(self._on_shape_chosen)
        self.length.value_changed.connect(self.duration_changed)
        self.negative_prompt.text_changed.connect(self.negative_prompt_changed)
        self.strength.value_changed.connect(self.cfg_scale_changed)

    def show_draft(self, draft: Draft, spec: ModelSpec) -> None:
        """Show the settings; emits nothing."""
        self._spec = spec
        follows = spec.size_follows_first_frame
        self._shapes.setCurrentWidget(self._following if follows else self.shape)
        if not follows:
            self.shape.set_segments(_shape_segments(spec))
            ratio = draft.dimensions.aspect_ratio if draft.dimensions else ""
            if spec.find_dimensions(ratio) is not None:
                self.shape.set_value(ratio)
        self.length.set_segments(_length_segments(spec))
        if draft.duration_s in spec.durations_s:
            self.length.set_value(draft.duration_s)
        limits = spec.negative_prompt
        self.negative_prompt.setVisible(limits is not None)
        if limits is not None:
            self.negative_prompt.set_limits(limits.max_length, optional=False)
        self.negative_prompt.set_text(draft.negative_prompt)
        if draft.cfg_scale is not None:
            self.strength.set_value(draft.cfg_scale)
        self.options.set_summary(words.options_summary(draft, spec))

    def highlight(self, fields: Collection[DraftField]) -> None:
        """Highlight once the controls whose value the program changed."""
        for field, ring in self._rings.items():
            if field in fields:
                ring.start()

    def is_highlighted(self, field: DraftField) -> bool:
        return self._rings[field].is_shining

    def _on_shape_chosen(self, ratio: str) -> None:
        size: Dimensions | None = self._spec.find_dimensions(ratio)
        if size is not None:
            self.dimensions_changed.emit(size)


def _shape_segments(spec: ModelSpec) -> list[Segment]:
    return [
        Segment(
            size.aspect_ratio,
            size.aspect_ratio,
            shape=(size.width, size.height),
        )
        for size in spec.dimensions
    ]


def _length_segments(spec: ModelSpec) -> list[Segment]:
    return [Segment(length, words.length_choice(length)) for length in spec.durations_s]
