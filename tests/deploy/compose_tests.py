"""docker-compose.yml with Kafka, as docker-compose 1.29 reads it, and the files that it mounts.

./dev test --deploy starts what needs no image from a registry; where it has built compose v2, that reads the file here as well.
"""

import json
import pathlib
import subprocess
import unittest

import yaml

root = pathlib.Path(__file__).resolve().parents[2]
compose_v2 = root / ".cache/deploy/compose"
# They wait for each other by themselves.
WITHOUT_HEALTHCHECK = {"simulator"}


def services(compose: pathlib.Path | str, *arguments: str) -> dict:
    ended = subprocess.run([compose, "--file", str(root / "docker-compose.yml"), *arguments, "config"],
                           capture_output=True, text=True, check=False)
    if ended.returncode != 0 or "WARNING" in ended.stderr:
        raise AssertionError(ended.stderr)
    return yaml.safe_load(ended.stdout)["services"]


class Compose(unittest.TestCase):
    compose: pathlib.Path | str = "docker-compose"

    def setUp(self):
        self.services = services(self.compose, "--profile", "kafka")

    def test_has_what_a_demonstration_needs(self):
        base = {"simulator", "mosquitto", "pbxbridge", "prometheus", "grafana"}
        profiles = {name: service.get("profiles") for name, service in self.services.items()}
        self.assertEqual({name for name, profile in profiles.items() if not profile}, base)
        self.assertEqual({name for name, profile in profiles.items() if profile == ["kafka"]}, {"kafka", "kafka-ui"})

    def test_publishes_loopback_only(self):
        for name, service in self.services.items():
            for port in service.get("ports", []):
                address = port if isinstance(port, str) else port.get("host_ip", "") + ":"
                self.assertTrue(address.startswith("127.0.0.1:"), f"{name} publishes {port}")
            self.assertNotIn("network_mode", service, name)
            self.assertNotIn("privileged", service, name)
            self.assertEqual(service["cap_drop"], ["ALL"], name)

    def test_starts_in_order_when_what_is_asked_is_healthy(self):
        for name, service in self.services.items():
            self.assertEqual("healthcheck" in service, name not in WITHOUT_HEALTHCHECK, name)
            for other, how in service.get("depends_on", {}).items():
                wanted = "service_started" if other in WITHOUT_HEALTHCHECK else "service_healthy"
                self.assertEqual(how["condition"], wanted, f"{name} on {other}")
        for name, others in {"pbxbridge": {"simulator", "mosquitto"}, "prometheus": {"pbxbridge"},
                             "grafana": {"prometheus"}, "kafka-ui": {"kafka"}}.items():
            self.assertEqual(set(self.services[name]["depends_on"]), others)

    def test_mounts_what_is_there(self):
        for name, service in self.services.items():
            for volume in service.get("volumes", []):
                source = volume.split(":")[0] if isinstance(volume, str) else volume["source"]
                if source.startswith(("/", ".")):
                    self.assertTrue((root / source).exists(), f"{name} mounts {source}")

    def test_prometheus_takes_its_configuration(self):
        subprocess.run(["promtool", "check", "config", str(root / "deploy/prometheus/prometheus.yaml")],
                       check=True, capture_output=True)
        prometheus = yaml.safe_load((root / "deploy/prometheus/prometheus.yaml").read_text())
        target = prometheus["scrape_configs"][0]["static_configs"][0]["targets"][0]
        name, port = target.split(":")
        environment = self.services["pbxbridge"]["environment"]
        self.assertEqual((name, name), ("pbxbridge", environment["ADMIN_HOST"]))
        self.assertEqual(port, environment["ADMIN_LISTEN"].split(":")[1])

    def test_grafana_finds_the_dashboard_and_its_data(self):
        provisioning = root / "deploy/grafana/provisioning"
        source = yaml.safe_load((provisioning / "datasources/prometheus.yaml").read_text())["datasources"][0]
        self.assertEqual((source["type"], source["url"], source["isDefault"]), ("prometheus", "http://prometheus:9090", True))
        provider = yaml.safe_load((provisioning / "dashboards/pbxbridge.yaml").read_text())["providers"][0]
        mounts = [str(volume) for volume in self.services["grafana"]["volumes"]]
        self.assertTrue(any(provider["options"]["path"] + "/pbxbridge.json" in mount for mount in mounts), mounts)
        json.loads((root / "deploy/grafana/pbxbridge.json").read_text())


@unittest.skipUnless(compose_v2.exists(), "compose v2 is not asked: ./dev test --deploy builds it, where Go is")
class ComposeV2(Compose):
    compose = compose_v2


if __name__ == "__main__":
    unittest.main()
