from datetime import timedelta

from django.utils import timezone

from services.models import FAQ, Benefit, Condition, Service, SessionStep
from testimonials.models import Testimonial


def collect():
    """Add to the clinic's own content 100 services told in full, 10,000 testimonials and 2,000 questions."""
    now = timezone.now() - timedelta(days=1)
    told = Service.objects.get()
    for number in range(100):
        text = {
            field.name: getattr(told, field.name) for field in Service._meta.fields if field.name not in ("id", "slug")
        }
        copy = Service.objects.create(
            **text | {"slug": f"service-{number}", "title": f"Service {number}", "position": number + 2}
        )
        Benefit.objects.bulk_create(Benefit(service=copy, text="T", position=i) for i in range(10))
        Condition.objects.bulk_create(
            Condition(service=copy, name="N", anchor=f"a{i}", text="T", position=i, regions=["neck"]) for i in range(10)
        )
        SessionStep.objects.bulk_create(
            SessionStep(service=copy, title="S", points="One\nTwo", position=i) for i in range(10)
        )
        FAQ.objects.bulk_create(FAQ(service=copy, question="Q?", answer="A.", position=i) for i in range(20))
    Testimonial.objects.bulk_create(
        Testimonial(quote=f"Quote {i}", name=f"Patient {i}", position=i + 5, publish_at=now) for i in range(10_000)
    )
