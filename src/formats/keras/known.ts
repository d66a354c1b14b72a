/**
 * Names that Keras itself writes and whose construction from a configuration computes, and does nothing else. Learned from the public
 * namespaces of Keras 2.x and 3.x. What is not here is not trusted: `dangerous` says what is known of some of it.
 */
const words = (text: string): readonly string[] => text.split(/\s+/).filter(Boolean);

const layers = words(`
  Activation ELU LeakyReLU PReLU ReLU Softmax ThresholdedReLU AdditiveAttention Attention GroupQueryAttention GroupedQueryAttention
  MultiHeadAttention Conv1D Convolution1D Conv1DTranspose Convolution1DTranspose Conv2D Convolution2D Conv2DTranspose
  Convolution2DTranspose Conv3D Convolution3D Conv3DTranspose Convolution3DTranspose DepthwiseConv1D DepthwiseConv2D SeparableConv1D
  SeparableConvolution1D SeparableConv2D SeparableConvolution2D Dense EinsumDense Embedding ReversibleEmbedding Identity Input
  InputLayer InputSpec Masking Wrapper Layer Add Average Concatenate Dot Maximum Minimum Multiply Subtract BatchNormalization
  BatchNormalizationV1 BatchNormalizationV2 SyncBatchNormalization GroupNormalization LayerNormalization RMSNormalization
  SpectralNormalization UnitNormalization AveragePooling1D AvgPool1D AveragePooling2D AvgPool2D AveragePooling3D AvgPool3D
  AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D AdaptiveMaxPooling1D AdaptiveMaxPooling2D
  AdaptiveMaxPooling3D GlobalAveragePooling1D GlobalAvgPool1D GlobalAveragePooling2D GlobalAvgPool2D GlobalAveragePooling3D
  GlobalAvgPool3D GlobalMaxPooling1D GlobalMaxPool1D GlobalMaxPooling2D GlobalMaxPool2D GlobalMaxPooling3D GlobalMaxPool3D
  MaxPooling1D MaxPool1D MaxPooling2D MaxPool2D MaxPooling3D MaxPool3D AutoContrast AugMix CategoryEncoding CenterCrop CutMix
  Discretization Equalization HashedCrossing Hashing IntegerLookup MaxNumBoundingBoxes MelSpectrogram MixUp Normalization Pipeline
  RandAugment RandomBrightness RandomColorDegeneration RandomColorJitter RandomContrast RandomCrop RandomElasticTransform RandomErasing
  RandomFlip RandomGaussianBlur RandomGrayscale RandomHeight RandomHue RandomInvert RandomPerspective RandomPosterization RandomRotation
  RandomSaturation RandomSharpness RandomShear RandomTranslation RandomWidth RandomZoom Rescaling Resizing STFTSpectrogram Solarization
  StringLookup TextVectorization ActivityRegularization AlphaDropout Dropout GaussianDropout GaussianNoise SpatialDropout1D
  SpatialDropout2D SpatialDropout3D Cropping1D Cropping2D Cropping3D Flatten Permute RepeatVector Reshape UpSampling1D UpSampling2D
  UpSampling3D ZeroPadding1D ZeroPadding2D ZeroPadding3D Bidirectional ConvLSTM1D ConvLSTM2D ConvLSTM3D ConvLSTM1DCell ConvLSTM2DCell
  ConvLSTM3DCell GRU GRUCell GRUV1 GRUV2 LSTM LSTMCell LSTMV1 LSTMV2 CuDNNGRU CuDNNLSTM RNN SimpleRNN SimpleRNNCell StackedRNNCells
  TimeDistributed LocallyConnected1D LocallyConnected2D DenseFeatures SeedGenerator`);

const models = words("Model Sequential Functional");

const initializers = words(`
  Constant Zeros Ones Identity IdentityInitializer Orthogonal OrthogonalInitializer RandomNormal RandomUniform TruncatedNormal
  VarianceScaling GlorotNormal GlorotUniform HeNormal HeUniform LecunNormal LecunUniform STFT STFTInitializer Initializer
  zeros ones constant identity orthogonal random_normal random_uniform truncated_normal variance_scaling glorot_normal glorot_uniform
  he_normal he_uniform lecun_normal lecun_uniform uniform normal`);

const activations = words(`
  relu leaky_relu relu6 softmax celu elu selu softplus softsign squareplus soft_shrink softshrink sparse_plus sparsemax sparse_sigmoid
  silu swish gelu glu tanh tanh_shrink threshold sigmoid hard_sigmoid hard_silu hard_swish hard_tanh hard_shrink linear mish log_softmax
  log_sigmoid exponential serialize deserialize`).filter((name) => !name.endsWith("serialize"));

const losses = words(`
  Loss BinaryCrossentropy BinaryFocalCrossentropy CategoricalCrossentropy CategoricalFocalCrossentropy CategoricalGeneralizedCrossEntropy
  CategoricalHinge Circle CosineSimilarity CTC Dice Hinge Huber KLDivergence LogCosh MeanAbsoluteError MeanAbsolutePercentageError
  MeanSquaredError MeanSquaredLogarithmicError Poisson SparseCategoricalCrossentropy SquaredHinge Tversky LossFunctionWrapper
  binary_crossentropy binary_focal_crossentropy categorical_crossentropy categorical_focal_crossentropy
  categorical_generalized_cross_entropy categorical_hinge circle cosine_similarity ctc dice hinge huber kl_divergence log_cosh logcosh
  mean_absolute_error mean_absolute_percentage_error mean_squared_error mean_squared_logarithmic_error poisson
  sparse_categorical_crossentropy squared_hinge tversky kld mae mape mse msle MAE MAPE MSE MSLE KLD bce BCE
  kullback_leibler_divergence`);

const metrics = words(`
  Metric Mean MeanMetricWrapper Sum AUC Accuracy BinaryAccuracy BinaryCrossentropy BinaryIoU CategoricalAccuracy CategoricalCrossentropy
  CategoricalHinge ConcordanceCorrelation CosineSimilarity F1Score FBetaScore FalseNegatives FalsePositives Hinge IoU KLDivergence
  LogCoshError MeanAbsoluteError MeanAbsolutePercentageError MeanIoU MeanRelativeError MeanSquaredError MeanSquaredLogarithmicError
  MeanTensor OneHotIoU OneHotMeanIoU PearsonCorrelation Poisson Precision PrecisionAtRecall R2Score Recall RecallAtPrecision
  RootMeanSquaredError SensitivityAtSpecificity SparseCategoricalAccuracy SparseCategoricalCrossentropy SparseTopKCategoricalAccuracy
  SpecificityAtSensitivity SquaredHinge TopKCategoricalAccuracy TrueNegatives TruePositives CompileMetrics CompileLoss MetricsList
  accuracy binary_accuracy categorical_accuracy sparse_categorical_accuracy top_k_categorical_accuracy
  sparse_top_k_categorical_accuracy`).concat(losses);

const optimizers = words(`
  Optimizer Adadelta Adafactor Adagrad Adam AdamW Adamax Ftrl LAMB Lamb Lion LossScaleOptimizer Muon Nadam RMSprop SGD Experimental
  ScheduleFreeAdamW adadelta adafactor adagrad adam adamw adamax ftrl lamb lion nadam rmsprop sgd`);

const schedules = words(`
  CosineDecay CosineDecayRestarts ExponentialDecay InverseTimeDecay LearningRateSchedule PiecewiseConstantDecay PolynomialDecay`);

const constraints = words(`
  Constraint MaxNorm MinMaxNorm NonNeg UnitNorm RadialConstraint max_norm min_max_norm non_neg unit_norm maxnorm nonneg unitnorm`);
const regularizers = words("Regularizer L1 L2 L1L2 OrthogonalRegularizer l1 l2 l1_l2 orthogonal_regularizer");
const policies = words(`
  DTypePolicy FloatDTypePolicy QuantizedDTypePolicy QuantizedFloat8DTypePolicy GPTQDTypePolicy AWQDTypePolicy DTypePolicyMap Policy
  Int4DTypePolicy`);
const quantizers = words(`
  AbsMaxQuantizer Quantizer QuantizationConfig Int8QuantizationConfig Int4QuantizationConfig Float8QuantizationConfig`);

/** The names of one namespace below "keras.". */
const namespaces: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    "": [...models, "DTypePolicy", "KerasTensor", "Variable", "Layer", "Input", "InputSpec", "FloatDTypePolicy"],
    layers,
    models,
    initializers,
    activations,
    losses,
    metrics,
    optimizers,
    "optimizers.schedules": schedules,
    "optimizers.legacy": optimizers,
    constraints,
    regularizers,
    dtype_policies: policies,
    mixed_precision: [...policies, "LossScaleOptimizer"],
    quantizers,
    random: ["SeedGenerator"],
  }).map(([name, names]) => [name, new Set(names)]),
);

const anywhere: ReadonlySet<string> = new Set([...namespaces.values()].flatMap((names) => [...names]));

/** Parts of Keras' own packages ("keras.src.ops.numpy") whose classes take part in a model, by first name below the package. */
const internals = new Set(
  words("layers models ops activations initializers losses metrics optimizers regularizers constraints"),
);
const internalsWithNames = new Set(words("dtype_policies quantizers random trainers engine mixed_precision backend"));
const packages =
  /^(?:keras|tf_keras|tensorflow\.keras|tensorflow\.python\.keras|tf_keras\.api\._v2\.keras|keras\.api\._v[12]\.keras)(?:\.|$)/;
const operationName = /^[A-Z][A-Za-z0-9]{0,60}$/;

/** Packages of models and layers published by the Keras team: classes in them, by where they lie. */
const companions =
  /^(?:keras_hub|keras_nlp|keras_cv)\.(?:src\.)?(?:models|layers|tokenizers|metrics|samplers)(?:\.[a-z0-9_]+)*$/;

/** What is known of names that a model has no business naming. */
const dangerous: ReadonlyMap<string, { readonly what: string; readonly refs: readonly string[] }> = new Map([
  ["Lambda", { what: "a layer made of Python code", refs: [] }],
  ["TorchModuleWrapper", { what: "a layer that unpickles a PyTorch module", refs: ["cve:CVE-2025-49655"] }],
  [
    "TFSMLayer",
    { what: "a layer that loads a SavedModel from a path in the configuration", refs: ["cve:CVE-2026-1462"] },
  ],
  ["JaxLayer", { what: "a layer made of a function named by the file", refs: [] }],
  ["FlaxLayer", { what: "a layer made of a function named by the file", refs: [] }],
  ["get_file", { what: "a function that downloads a file and unpacks it", refs: ["cve:CVE-2025-8747"] }],
  ["load_model", { what: "a function that loads another model", refs: ["cve:CVE-2025-8747"] }],
  ["enable_unsafe_deserialization", { what: "a function that turns safe mode off", refs: ["cve:CVE-2025-9906"] }],
]);

/** What is known of a name that is not to be trusted. */
export function dangerOf(name: string): { readonly what: string; readonly refs: readonly string[] } | undefined {
  return dangerous.get(name.slice(name.lastIndexOf(">") + 1));
}

export type Standing =
  /** Keras' own and harmless to build. */
  | "known"
  /** In a place of Keras where layers live, but not a name we know: perhaps newer than this list. */
  | "unfamiliar"
  /** Keras' own, but no part of a model. */
  | "machinery"
  /** Not Keras'. */
  | "foreign";

/** What `module.name` is. */
export function standingOf(module: string, name: string): Standing {
  if (companions.test(module)) return operationName.test(name) ? "known" : "machinery";
  if (!packages.test(module)) return "foreign";
  const inner = module.replace(packages, "");
  const own = namespaces.get(inner);
  if (own) {
    if (own.has(name)) return "known";
    if (dangerous.has(name)) return "machinery";
    return inner !== "" && operationName.test(name) ? "unfamiliar" : "machinery";
  }
  const [first = ""] = inner.replace(/^src\./, "").split(".");
  if (dangerous.has(name) || !(internals.has(first) || internalsWithNames.has(first))) return "machinery";
  if (anywhere.has(name)) return "known";
  if (first === "ops" && operationName.test(name)) return "known";
  return internals.has(first) && operationName.test(name) ? "unfamiliar" : "machinery";
}

/** Names that need no module: how files of Keras 2 refer to everything, and Keras 3 to built-in functions. */
export function knownAnywhere(name: string): boolean {
  return anywhere.has(name);
}
