#include "nats_server.hpp"

#include <arpa/inet.h>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <nats/nats.h>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace nats_sink {

namespace {

constexpr const char* stream = "PBX";
constexpr auto start_deadline = std::chrono::seconds(20);

void check(natsStatus status, const char* what) {
  if (status != NATS_OK) throw std::runtime_error(std::string(what) + ": " + natsStatus_GetText(status));
}

/// A connection with its JetStream context.
class Client {
 public:
  explicit Client(const std::string& url) {
    check(natsConnection_ConnectTo(&connection_, url.c_str()), "connect");
    check(natsConnection_JetStream(&context_, connection_, nullptr), "JetStream");
  }
  ~Client() {
    jsCtx_Destroy(context_);
    natsConnection_Destroy(connection_);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  jsCtx* context() const { return context_; }

 private:
  natsConnection* connection_ = nullptr;
  jsCtx* context_ = nullptr;
};

int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (::bind(socket, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("no free port");
  ::close(socket);
  return ntohs(address.sin_port);
}

jsStreamConfig stream_config(const char* (&subjects)[1], std::int64_t bytes) {
  jsStreamConfig config;
  jsStreamConfig_Init(&config);
  config.Name = stream;
  config.Subjects = subjects;
  config.SubjectsLen = 1;
  config.Storage = js_FileStorage;
  config.Discard = js_DiscardNew;
  config.MaxBytes = bytes;
  return config;
}

bool answers(const std::string& url) {
  try {
    const Client client(url);
    jsStreamInfo* info = nullptr;
    const char* subjects[] = {"pbx.>"};
    auto config = stream_config(subjects, -1);
    const auto status = js_AddStream(&info, client.context(), &config, nullptr, nullptr);
    jsStreamInfo_Destroy(info);
    return status == NATS_OK;
  } catch (const std::runtime_error&) {
    return false;
  }
}

}  // namespace

NatsServer::NatsServer() : port_(free_port()) {
  std::string made = (std::filesystem::temp_directory_path() / "nats-sink-XXXXXX").string();
  if (::mkdtemp(made.data()) == nullptr) throw std::runtime_error("no temporary directory");
  directory_ = made;
  std::ofstream(directory_ / "nats.conf")
      << "listen: 127.0.0.1:" << port_ << "\nmax_payload: " << largest_payload << "\njetstream { store_dir: \""
      << (directory_ / "store").string() << "\" }\n";
  start();
}

NatsServer::~NatsServer() {
  kill();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void NatsServer::start() {
  const std::string config = (directory_ / "nats.conf").string();
  const std::string log = (directory_ / "log").string();
  process_ = ::fork();
  if (process_ == 0) {
    ::execlp("nats-server", "nats-server", "-c", config.c_str(), "-l", log.c_str(), nullptr);
    ::_exit(127);
  }
  const auto deadline = std::chrono::steady_clock::now() + start_deadline;
  while (!answers(url())) {
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("nats-server does not answer");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

void NatsServer::kill() {
  if (process_ == 0) return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  process_ = 0;
}

void NatsServer::freeze() {
  ::kill(process_, SIGSTOP);
  ::waitpid(process_, nullptr, WUNTRACED);  // until its last thread stands still
}

void NatsServer::thaw() { ::kill(process_, SIGCONT); }

void NatsServer::limit_stream(std::int64_t bytes) {
  const Client client(url());
  const char* subjects[] = {"pbx.>"};
  auto config = stream_config(subjects, bytes);
  jsStreamInfo* info = nullptr;
  check(js_UpdateStream(&info, client.context(), &config, nullptr, nullptr), "update the stream");
  jsStreamInfo_Destroy(info);
}

std::vector<std::pair<std::string, std::string>> NatsServer::messages() const {
  const Client client(url());
  jsStreamInfo* info = nullptr;
  check(js_GetStreamInfo(&info, client.context(), stream, nullptr, nullptr), "stream info");
  const auto count = info->State.Msgs;
  jsStreamInfo_Destroy(info);
  std::vector<std::pair<std::string, std::string>> messages;
  if (count == 0) return messages;
  jsSubOptions options;
  jsSubOptions_Init(&options);
  options.Ordered = true;
  natsSubscription* subscription = nullptr;
  check(js_SubscribeSync(&subscription, client.context(), "pbx.>", nullptr, &options, nullptr), "subscribe");
  while (messages.size() < count) {
    natsMsg* message = nullptr;
    check(natsSubscription_NextMsg(&message, subscription, 10'000), "next message");
    messages.emplace_back(
        natsMsg_GetSubject(message),
        std::string(natsMsg_GetData(message), static_cast<std::size_t>(natsMsg_GetDataLength(message))));
    natsMsg_Destroy(message);
  }
  natsSubscription_Destroy(subscription);
  return messages;
}

}  // namespace nats_sink
