from django.db import models
from django.urls import reverse

from publishing.models import Ordered, Publishable


class Testimonial(Ordered, Publishable):
    quote = models.TextField(help_text="The patient's own words, unchanged and without quotation marks.")
    name = models.CharField(max_length=80, help_text="As the patient wants to be named.")
    service = models.ForeignKey(
        "services.Service",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="testimonials",
        help_text="Only if the quote speaks of this service, which then shows it first. Empty: it praises the clinic.",
    )
    consent_noted_at = models.DateTimeField(
        "consent noted", null=True, blank=True, help_text="When the patient's consent to publish was noted."
    )

    class Meta:
        permissions = [("publish_testimonial", "Can publish testimonials")]
        ordering = ["position", "id"]
        indexes = [
            models.Index(name="testimonial_in_order", fields=["position", "id"]),
            models.Index(name="testimonial_order_in_service", fields=["service", "position", "id"]),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("testimonials")
