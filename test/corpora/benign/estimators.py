"""scikit-learn: a fitted estimator of every family it lists, as pickle and as joblib; gradient boosting libraries when installed."""
import io
import pickle

import joblib
import numpy as np
import sklearn.datasets
import sklearn.utils


def write(writer):
    rng = np.random.default_rng(0)
    X = np.abs(rng.normal(size=(40, 4)))
    y = (X[:, 0] > 0.6).astype(int)
    for name, cls in sklearn.utils.all_estimators():
        def one(name=name, cls=cls):
            model = fitted(name, cls, X, y)
            data = pickle.dumps(model, 4)
            if len(data) > 3_000_000:
                raise ValueError("too large")
            kind = len(writer.index) % 3
            if kind == 0:
                writer.write(f"{name}.pkl", data)
            elif kind == 1:
                joblib.dump(model, writer.path(f"{name}.joblib"))
            else:
                writer.write(f"{name}.p2.pkl", pickle.dumps(model, 2))
                joblib.dump(model, writer.path(f"{name}.compressed.joblib"), compress=3)
        writer.attempt(name, one)
    pipelines(writer, X, y)
    boosting(writer, X, y)


def fitted(name, cls, X, y):
    from sklearn.linear_model import LogisticRegression, Ridge

    needs = {"estimator": LogisticRegression(), "base_estimator": LogisticRegression(), "estimators": [("a", LogisticRegression()), ("b", LogisticRegression())],
             "transformers": [("a", "passthrough", [0])], "transformer_list": [("a", __import__("sklearn.preprocessing").preprocessing.StandardScaler())],
             "steps": [("a", LogisticRegression())], "param_grid": {"C": [1.0]}, "param_distributions": {"C": [1.0]}, "regressor": Ridge(), "dictionary": X[:3]}
    import inspect

    wanted = [p.name for p in inspect.signature(cls.__init__).parameters.values() if p.default is p.empty and p.name not in ("self", "args", "kwargs")]
    model = cls(**{k: needs[k] for k in wanted if k in needs})
    if hasattr(model, "n_estimators"):
        model.set_params(n_estimators=3)
    target = y if "Regress" not in name else y.astype(float)
    if "Multi" in name and "Task" in name or name in ("MultiOutputClassifier", "MultiOutputRegressor", "ClassifierChain", "RegressorChain", "CCA", "PLSCanonical", "PLSSVD"):
        target = np.stack([y, 1 - y], 1)
    if name in ("CountVectorizer", "TfidfVectorizer", "HashingVectorizer"):
        return model.fit(["a text", "another text here", "third"])
    if name in ("LabelEncoder", "LabelBinarizer"):
        return model.fit(y)
    if name == "IsotonicRegression":
        return model.fit(X[:, 0], y)
    return model.fit(X, target)


def pipelines(writer, X, y):
    from sklearn.compose import ColumnTransformer
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

    made = {
        "pipeline": make_pipeline(StandardScaler(), LogisticRegression()),
        "columns": make_pipeline(ColumnTransformer([("s", StandardScaler(), [0, 1]), ("o", OneHotEncoder(handle_unknown="ignore"), [2])]), RandomForestClassifier(5)),
        "grid": GridSearchCV(make_pipeline(StandardScaler(), LogisticRegression()), {"logisticregression__C": [0.1, 1.0]}, cv=2),
        "log transform": make_pipeline(FunctionTransformer(np.log1p), LogisticRegression()),
    }
    for name, model in made.items():
        model.fit(X, y)
        for protocol in (0, 2, 3, 4, 5):
            writer.write(f"{name.replace(' ', '-')}.p{protocol}.pkl", pickle.dumps(model, protocol))
        for compress in (0, 3, ("xz", 3)):
            joblib.dump(model, writer.path(f"{name.replace(' ', '-')}-{compress if isinstance(compress, int) else 'xz'}.joblib"), compress=compress)
    writer.attempt("bunch", lambda: writer.write("iris-bunch.pkl", pickle.dumps(sklearn.datasets.load_iris(), 4)))


def boosting(writer, X, y):
    def lightgbm():
        import lightgbm

        model = lightgbm.LGBMClassifier(n_estimators=3, verbose=-1).fit(X, y)
        writer.write("lightgbm.pkl", pickle.dumps(model, 4))
        writer.write("lightgbm-booster.pkl", pickle.dumps(model.booster_, 4))
        joblib.dump(model, writer.path("lightgbm.joblib"))
        model.booster_.save_model(writer.path("lightgbm.txt"))

    def xgboost():
        import xgboost

        model = xgboost.XGBClassifier(n_estimators=3).fit(X, y)
        writer.write("xgboost.pkl", pickle.dumps(model, 4))
        joblib.dump(model, writer.path("xgboost.joblib"))
        model.save_model(writer.path("xgboost.json"))
        model.save_model(writer.path("xgboost.ubj"))
        writer.write("xgboost-booster.pkl", pickle.dumps(model.get_booster(), 2))

    writer.attempt("lightgbm", lightgbm)
    writer.attempt("xgboost", xgboost)
