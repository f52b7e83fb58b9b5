"""Letters: messages as customers read them, in their language, made from templates."""
