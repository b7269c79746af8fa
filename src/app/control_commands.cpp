#include "app/control_commands.hpp"

#include "app/republish_command.hpp"
#include "spool/cursor/forget_command.hpp"
#include "spool/dead_letters/dead_letter_command.hpp"

#include <cstdint>
#include <utility>

namespace pbxbridge::app {

ControlCommands::ControlCommands(boost::asio::io_context& io, const std::filesystem::path& file,
                                 spool::DeadLetterOffice* letters, spool::EventCursors& cursors,
                                 std::function<bool(const std::string&)> has_sink,
                                 std::function<std::uint64_t()> republish, TapStreams& taps, observe::Log& log)
    : letters_(letters),
      cursors_(cursors),
      has_sink_(std::move(has_sink)),
      republish_(std::move(republish)),
      taps_(taps) {
  auto socket = admin::ControlSocket::listen(
      io, file, [this](std::string_view line, const admin::ControlSocket::Reply& reply) { answer(line, reply); });
  if (socket)
    socket_ = std::move(socket.value());
  else
    log.write(observe::log_code::control_failed, "",
              socket.error().text +
                  "; pbxbridge runs, but meanwhile it takes no commands: tap, dead-letters redrive, state republish");
}

void ControlCommands::answer(std::string_view line, const admin::ControlSocket::Reply& reply) {
  if (taps_.answer(line, reply)) return;
  if (line == republish_line) return reply(spool::to_answer(republish_()));
  if (const auto sink = spool::parse_forget_line(line)) return reply(forget(*sink));
  const auto command = spool::parse_dead_letter_command(line);
  if (!command) return reply("error: not a command");
  if (letters_ == nullptr) return reply("error: the spool is in memory (spool.type), and keeps no dead letters");
  const auto changed = [reply](const Result<std::uint64_t>& letters) { reply(spool::to_answer(letters)); };
  if (command->action == spool::DeadLetterCommand::Action::drop)
    return letters_->drop(command->sink, command->letter, changed);
  if (!has_sink_(command->sink)) return reply("error: there is no sink " + command->sink + " to redrive to");
  letters_->redrive(command->sink, command->letter, changed);
}

std::string ControlCommands::forget(const std::string& sink) const {
  if (has_sink_(sink)) return "error: sink " + sink + " is in the configuration of the running pbxbridge";
  if (const auto events = cursors_.forget_sink(sink)) return spool::to_answer(*events);
  return "error: the spool keeps nothing for a sink " + sink;
}

}  // namespace pbxbridge::app
