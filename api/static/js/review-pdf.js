/* A PDF for the viewer of materials, by pdf.js: its pages are drawn and their text laid over them. Scripts, actions, links
   and forms of a PDF are never run: neither pdf.js's scripting nor its annotation layer is there. */
const AREA = 16e6; // pixels of a canvas, at most
let library = null;

export async function open(bytes, at) {
  if (!library) {
    library = await import(at.library);
    library.GlobalWorkerOptions.workerSrc = at.worker;
  }
  const whole = (name) => new URL(`${at.folder}${name}/`, window.location.href).href;
  const loading = library.getDocument({
    data: bytes,
    cMapUrl: whole("cmaps"),
    cMapPacked: true,
    standardFontDataUrl: whole("standard_fonts"),
    wasmUrl: whole("decoders"),
    useWasm: false,
    useWorkerFetch: true,
    enableXfa: false,
    isEvalSupported: false,
    disableWorkerRendering: true,
    maxImageSize: 100e6,
    verbosity: 0,
  });
  // Asked for a password: such a file is refused when it comes, so this one is broken.
  loading.onPassword = () => loading.destroy();
  const paper = await loading.promise;
  let task = null;
  let text = null;

  return {
    pages: paper.numPages,
    size: async (number) => {
      const { width, height } = (await paper.getPage(number)).getViewport({ scale: 1 });
      return [width, height];
    },
    draw: async (number, scale, turn, box) => {
      task?.cancel();
      text?.cancel();
      const page = await paper.getPage(number);
      const viewport = page.getViewport({ scale, rotation: (page.rotate + turn * 90) % 360 });
      const dense = Math.min(window.devicePixelRatio || 1, Math.sqrt(AREA / (viewport.width * viewport.height)));
      const canvas = document.createElement("canvas");
      canvas.width = Math.max(1, Math.floor(viewport.width * dense));
      canvas.height = Math.max(1, Math.floor(viewport.height * dense));
      canvas.setAttribute("aria-hidden", "true");
      const mine = (task = page.render({ canvas, viewport, transform: [dense, 0, 0, dense, 0, 0] }));
      try {
        await mine.promise;
      } catch (error) {
        if (error.name === "RenderingCancelledException") return;
        throw error;
      }
      const layer = document.createElement("div");
      layer.className = "viewer-text";
      layer.style.setProperty("--total-scale-factor", scale);
      box.replaceChildren(canvas, layer);
      text = new library.TextLayer({ textContentSource: page.streamTextContent(), container: layer, viewport });
      await text.render().catch((error) => {
        if (error.name !== "AbortException") throw error;
      });
    },
    close: () => loading.destroy(),
  };
}
