"""What a treatment did where nobody was randomised, and when one cannot say."""

__all__ = []
