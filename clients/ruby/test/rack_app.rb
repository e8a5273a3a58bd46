# frozen_string_literal: true

$LOAD_PATH.unshift(File.expand_path("../lib", __dir__))
require "socket"

# The application of a `.ru` file, without Rack: what an example needs of `rackup`.
class RackApp
  def self.load(path) = new.tap { |builder| builder.instance_eval(File.read(path), path) }

  def run(app) = @app = app

  def call(env) = @app.call(env)

  # Serve on this port, or on a free one, until the process ends; the port is printed first.
  def serve(port = 0)
    listener = TCPServer.new("127.0.0.1", port)
    puts listener.addr[1]
    $stdout.flush
    loop { reply_to(listener.accept) }
  end

  private

  def reply_to(socket)
    target = socket.readline.split[1]
    headers = {}
    until (line = socket.readline.chomp).empty?
      name, _, value = line.partition(": ")
      headers["HTTP_#{name.upcase.tr("-", "_")}"] = value
    end
    status, said, body = call({ **headers, "QUERY_STRING" => target.partition("?")[2] })
    lines = said.merge("content-length" => body.sum(&:bytesize), "connection" => "close").map { |pair| pair.join(": ") }
    socket.write(["HTTP/1.1 #{status} Whatever", *lines, "", body.join].join("\r\n"))
  rescue EOFError
    # Somebody looked whether we are here, and asked nothing.
  ensure
    socket.close
  end
end

RackApp.load(ARGV.fetch(0)).serve(ARGV.fetch(1, 0)) if $PROGRAM_NAME == __FILE__
