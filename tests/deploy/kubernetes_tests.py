"""deploy/kubernetes: each object as the API's schemas have it, composed as kustomize does, and what it must not do to a Pod.

Composition is kustomize's where kubectl has one that knows components (4.1), else that of the few features which are used here. No
cluster is asked. Where ./dev test --deploy has built Helm, its chart gives the same. PodMonitor is of the Prometheus Operator, for
which there is no schema: its fields are compared with the Pods'.
"""

import copy
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import kubernetes_validate
import yaml

root = pathlib.Path(__file__).resolve().parents[2]
directory = root / "deploy/kubernetes"
program = pathlib.Path(sys.argv.pop(1)).resolve()
helm = root / ".cache/deploy/helm"
VERSIONS = ("1.29", "1.32")


needs_helm = unittest.skipUnless(helm.exists(), "Helm is not asked: ./dev test --deploy builds it, where Go is")


def documents(path: pathlib.Path) -> list[dict]:
    return list(yaml.safe_load_all(path.read_text()))


def merge(old, new, key=None):
    """A strategic merge: lists of named things by name, other lists as a whole."""
    if isinstance(old, dict) and isinstance(new, dict):
        return {name: merge(old.get(name), new[name], name) if name in new else old[name] for name in [*old, *(set(new) - set(old))]}
    if isinstance(old, list) and key in ("initContainers", "containers", "volumes"):
        named = {each["name"]: each for each in old}
        return [merge(named.pop(each["name"], None), each) for each in new] + list(named.values())
    return new


def compose(folder: pathlib.Path, objects: list[dict]) -> list[dict]:
    kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text())
    known = {"apiVersion", "kind", "resources", "components", "patches", "configMapGenerator", "generatorOptions", "images"}
    assert set(kustomization) <= known, kustomization
    for name in kustomization.get("resources", []):
        objects = objects + documents(folder / name)
    for generated in kustomization.get("configMapGenerator", []):
        data = {name: (folder / name).read_text() for name in generated["files"]}
        objects = objects + [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": generated["name"]}, "data": data}]
    for component in kustomization.get("components", []):
        objects = compose((folder / component).resolve(), objects)
    for patch in kustomization.get("patches", []):
        label, value = patch["target"]["labelSelector"].split("=")
        change = yaml.safe_load((folder / patch["path"]).read_text())
        del change["metadata"]
        objects = [merge(each, change) if each["kind"] == patch["target"]["kind"] and each["metadata"].get("labels", {}).get(label) == value
                   else each for each in objects]
    for image in kustomization.get("images", []):
        for container in containers(objects):
            if container["image"] == image["name"]:
                container["image"] += ":" + image["newTag"]
    return objects


def pod_of(each: dict) -> dict:
    return each.get("spec", {}).get("template", {}).get("spec", {})


def containers(objects: list[dict]) -> list[dict]:
    return [container for each in objects for kind in ("initContainers", "containers") for container in pod_of(each).get(kind, [])]


def by_kind(objects: list[dict]) -> dict[str, dict]:
    return {each["kind"]: each for each in objects}


class Kubernetes(unittest.TestCase):
    def setUp(self):
        self.example = compose(directory / "example", [])
        self.standalone = compose(directory / "standalone", [])

    def test_each_object_is_as_the_schemas_say(self):
        for each in self.example + self.standalone:
            if each["kind"] == "PodMonitor":
                continue
            for version in VERSIONS:
                kubernetes_validate.validate(each, version, strict=True)

    def test_a_mistake_is_found(self):
        wrong = copy.deepcopy(by_kind(self.standalone)["StatefulSet"])
        wrong["spec"]["template"]["spec"]["containers"][0]["livenesProbe"] = {}
        with self.assertRaises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(wrong, VERSIONS[0], strict=True)

    def test_kustomize_composes_the_same(self):
        kubectl = shutil.which("kubectl")
        version = subprocess.run([kubectl, "version", "--client"], capture_output=True, text=True, check=False).stdout if kubectl else ""
        if not re.search(r"Kustomize Version: v([5-9]|4\.[1-9])", version):
            print("kustomize itself was not asked: there is no kubectl with kustomize 4.1 or newer")
            return
        for folder, objects in (("example", self.example), ("standalone", self.standalone)):
            ended = subprocess.run([kubectl, "kustomize", str(directory / folder)], capture_output=True, text=True, check=True)
            theirs = by_kind(list(yaml.safe_load_all(ended.stdout)))
            ours = by_kind(json.loads(json.dumps(objects)))
            self.assertEqual(set(theirs), set(ours))
            for kind, each in ours.items():
                self.assertEqual(theirs[kind], each)

    def rendered(self, *arguments: str) -> dict[str, dict]:
        ended = subprocess.run([helm, "template", "--kube-version", VERSIONS[0], "pbxbridge", directory / "standalone",
                                *arguments], capture_output=True, text=True, check=True)
        return by_kind(list(yaml.safe_load_all(ended.stdout)))

    @needs_helm
    def test_helm_renders_the_same(self):
        self.assertEqual(self.rendered(), by_kind(self.standalone))
        subprocess.run([helm, "lint", "--strict", directory / "standalone"], capture_output=True, text=True, check=True)

    @needs_helm
    def test_helm_renders_the_values(self):
        configuration = directory / "example/pbxbridge.yaml"
        rendered = self.rendered("--set", "image.repository=registry.example.com/pbxbridge,image.tag=7,storage=9Gi",
                                 "--set-file", f"configuration={configuration}")
        workload = rendered["StatefulSet"]
        self.assertEqual([each["image"] for each in containers([workload])], ["registry.example.com/pbxbridge:7"])
        self.assertEqual(workload["spec"]["volumeClaimTemplates"][0]["spec"]["resources"]["requests"]["storage"], "9Gi")
        self.assertEqual(rendered["ConfigMap"]["data"]["pbxbridge.yaml"], configuration.read_text())

    def test_the_sidecar_is_native_and_leaves_the_main_container_alone(self):
        pod = pod_of(by_kind(self.example)["Deployment"])
        self.assertEqual([container["name"] for container in pod["containers"]], ["wallboard"])
        sidecar, = pod["initContainers"]
        self.assertEqual(sidecar["restartPolicy"], "Always")
        self.assertNotIn("readinessProbe", sidecar, "it would count for the Pod")
        self.assertNotIn("cpu", sidecar["resources"]["limits"], "a PBX does not wait for a container that is throttled")

    def test_an_edit_is_taken(self):
        for container in containers(self.example + self.standalone):
            if not container["image"].startswith("pbxbridge"):
                continue
            self.assertIn("--watch", container["args"])
            for mount in container["volumeMounts"]:
                self.assertNotIn("subPath", mount, "the kubelet never updates it")

    def test_no_probe_asks_for_a_broker(self):
        for container in containers(self.example + self.standalone):
            if not container["image"].startswith("pbxbridge"):
                continue
            for probe in ("startupProbe", "livenessProbe"):
                self.assertEqual(container[probe]["httpGet"]["path"], "/livez")
            self.assertIn(container.get("readinessProbe", {}).get("httpGet", {}).get("path"), (None, "/readyz"))

    def test_pods_are_restricted(self):
        for each in self.example + self.standalone:
            pod = pod_of(each)
            for container in [*pod.get("initContainers", []), *pod.get("containers", [])]:
                context = {**pod.get("securityContext", {}), **container["securityContext"]}
                self.assertTrue(context["runAsNonRoot"])
                self.assertFalse(context["allowPrivilegeEscalation"])
                self.assertEqual(context["capabilities"]["drop"], ["ALL"])
                self.assertEqual(context["seccompProfile"]["type"], "RuntimeDefault")
                if container["image"].startswith("pbxbridge"):
                    self.assertTrue(context["readOnlyRootFilesystem"])

    def test_the_image_has_the_version_of_the_program(self):
        version = re.search(r"project\(pbxbridge VERSION ([\d.]+)", (root / "CMakeLists.txt").read_text())[1]
        images = {container["image"] for container in containers(self.example + self.standalone)}
        self.assertEqual(images, {f"pbxbridge:{version}", "registry.example.com/wallboard:1"})
        chart = yaml.safe_load((directory / "standalone/Chart.yaml").read_text())
        self.assertEqual((chart["version"], chart["appVersion"]), (version, version))

    def test_the_program_takes_the_configurations(self):
        for objects in (self.example, self.standalone):
            text = by_kind(objects)["ConfigMap"]["data"]["pbxbridge.yaml"]
            with tempfile.TemporaryDirectory() as secrets:
                for name in re.findall(r"/run/secrets/pbxbridge/(\w+)", text):
                    path = pathlib.Path(secrets) / name
                    path.write_text("a secret of many characters")
                    path.chmod(0o600)
                path = pathlib.Path(secrets) / "pbxbridge.yaml"
                path.write_text(text.replace("/run/secrets/pbxbridge", secrets).replace("/var/lib/pbxbridge", secrets))
                ended = subprocess.run([program, "check", "--config", path], capture_output=True, text=True, check=False)
                self.assertEqual(ended.returncode, 0, ended.stderr)
                self.assertEqual(ended.stderr, "")

    def test_files_and_ports_fit_together(self):
        for objects in (self.example, self.standalone):
            kinds = by_kind(objects)
            text = kinds["ConfigMap"]["data"]["pbxbridge.yaml"]
            workload = kinds.get("Deployment") or kinds["StatefulSet"]
            container = next(each for each in containers([workload]) if each["name"] == "pbxbridge")
            mounts = {mount["mountPath"] for mount in container["volumeMounts"]}
            for path in re.findall(r"(?:_file|path): (/[\w/]+)", text):
                self.assertTrue(any(path.startswith(mount + "/") for mount in mounts), path)
            port = container["ports"][0]
            self.assertIn(f"0.0.0.0:{port['containerPort']}", text)
        endpoint = by_kind(self.example)["PodMonitor"]["spec"]["podMetricsEndpoints"][0]
        self.assertEqual(endpoint["port"], port["name"])
        self.assertIn("/" + endpoint["authorization"]["credentials"]["key"], text)
        policy = by_kind(self.standalone)["NetworkPolicy"]["spec"]
        self.assertEqual(policy["podSelector"]["matchLabels"],
                         by_kind(self.standalone)["StatefulSet"]["spec"]["template"]["metadata"]["labels"])
        self.assertEqual(policy["ingress"][0]["ports"][0]["port"], port["containerPort"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
