from typing import Any, NamedTuple


class Section(NamedTuple):
    anchor: str
    heading: str
    template: str


def service_sections(content: dict[str, Any]) -> list[Section]:
    service = content["service"]
    sections = (
        ("what-it-is", "What it is", service.what_it_is),
        ("benefits", "Benefits", service.benefits_intro or content["benefits"]),
        ("research", "Research", service.research_intro or content["claims"]),
        ("how-it-works", "How it works", service.how_intro or service.how_points or service.how_example),
        ("comparison", "How it compares", service.comparison_intro or content["comparisons"]),
        ("conditions", "Conditions", service.conditions_intro or content["conditions"]),
        ("precautions", "Precautions", service.precautions),
        ("session", "What to expect", service.session_intro or service.session_length_text or content["steps"]),
        ("schedule", "Schedule a session", service.schedule_text),
        ("questions", "FAQs", content["questions"]),
        ("testimonials", "Testimonials", content["testimonials"]),
        ("contact", "Contact", content["contact"]),
    )
    return [
        Section(anchor, heading, f"pages/sections/{anchor.replace('-', '_')}.html")
        for anchor, heading, is_filled in sections
        if is_filled
    ]
