"""The contrast of a text with its background."""

# The contrast of WCAG between the text of an element and its background.
CONTRAST = """element => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const paint = (colour) => { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); };
  const luminance = () => {
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const layers = [];
  for (let at = element; at; at = at.parentElement) layers.unshift(getComputedStyle(at).backgroundColor);
  paint('white');
  layers.forEach(paint);
  const back = luminance();
  paint(getComputedStyle(element).color);
  const front = luminance();
  return (Math.max(back, front) + 0.05) / (Math.min(back, front) + 0.05);
}"""
