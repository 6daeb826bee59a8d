"""A Discord picture studio on Segmind's Seedream 5.0 Lite image-to-image API."""
