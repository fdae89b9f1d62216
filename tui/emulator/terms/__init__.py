"""What a setup asks for, granted or refused as the model of that name does."""
