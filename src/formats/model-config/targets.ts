/**
 * Python names that configurations may have built (`_target_` of Hydra and NeMo, `type` of sentence-transformers, classes of
 * diffusers' index): parts of libraries whose classes compute, by prefix, and the parts in them that do more.
 */
const building = [
  "torch.nn.",
  "torch.optim.",
  "nemo.collections.",
  "nemo.core.optim.",
  "nemo.core.config.",
  "pytorch_lightning.callbacks.",
  "lightning.pytorch.callbacks.",
  "lightning.callbacks.",
  "pytorch_lightning.loggers.",
  "torchvision.transforms.",
  "torchvision.models.",
  "torchaudio.transforms.",
  "torchmetrics.",
  "transformers.models.",
  "diffusers.models.",
  "diffusers.schedulers.",
  "diffusers.pipelines.",
  "sentence_transformers.models.",
  "sentence_transformers.sparse_encoder.models.",
  "sentence_transformers.cross_encoder.models.",
  "sklearn.",
  "megatron.core.",
  "monai.networks.",
  "monai.transforms.",
  "monai.losses.",
  "monai.inferers.",
  "monai.optimizers.",
];
const className = /^[A-Z]\w*$/;
const outward =
  /(?:^|[._])(?:load|save|open|exec|eval|system|popen|subprocess|import|read|write|download|url|request|hub|pickle|fetch|file)/i;

/** Is `target` ("torch.nn.Linear") a class of a library's part that builds models? Functions and what sounds of files are not. */
export function isModelPart(target: string): boolean {
  if (!building.some((prefix) => target.startsWith(prefix))) return false;
  const name = target.slice(target.lastIndexOf(".") + 1);
  return className.test(name) && /^[A-Za-z_][\w]*(?:\.[A-Za-z_]\w*)*$/.test(target) && !outward.test(target);
}
