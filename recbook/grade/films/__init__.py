"""The class project: ratings or lists of ten that students predict for films."""
