// Loads the library that draws the charts when they are first shown.

/**
 * @returns {Promise<any>} dygraphs, or null if the server does not have it
 */
export async function loadChartLibrary() {
  try {
    await Promise.all([
      load('link', { rel: 'stylesheet', href: 'dygraphs.css' }),
      load('script', { src: 'dygraphs.js' }),
    ]);
  } catch {
    return null;
  }
  const library = Dygraph;
  // Its own legend writes style attributes, which the content security policy forbids.
  library.PLUGINS = library.PLUGINS.filter((/** @type {unknown} */ plugin) => plugin !== library.Plugins.Legend);
  return library;
}

/** @type {(name: string, attributes: Object<string, string>) => Promise<unknown>} */
function load(name, attributes) {
  return new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement(name), attributes);
    element.addEventListener('load', resolve);
    element.addEventListener('error', reject);
    document.head.append(element);
  });
}
