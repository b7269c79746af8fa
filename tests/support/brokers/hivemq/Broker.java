// java -cp JARS Broker.java CONFIG_DIRECTORY DATA_DIRECTORY: a HiveMQ that lets everybody in, which its community edition
// does only with an extension, and rejects topics below forbidden/.

import com.hivemq.embedded.EmbeddedExtension;
import com.hivemq.embedded.EmbeddedHiveMQ;
import com.hivemq.extension.sdk.api.ExtensionMain;
import com.hivemq.extension.sdk.api.auth.PublishAuthorizer;
import com.hivemq.extension.sdk.api.auth.SimpleAuthenticator;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartOutput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopOutput;
import com.hivemq.extension.sdk.api.services.Services;
import java.nio.file.Path;

public final class Broker {
  public static void main(String[] arguments) {
    EmbeddedHiveMQ.builder()
        .withConfigurationFolder(Path.of(arguments[0]))
        .withDataFolder(Path.of(arguments[1]))
        .withEmbeddedExtension(
            EmbeddedExtension.builder()
                .withId("test")
                .withName("test")
                .withVersion("1")
                .withExtensionMain(new LetIn())
                .build())
        .build()
        .start()
        .join();
  }

  private static final class LetIn implements ExtensionMain {
    public void extensionStart(ExtensionStartInput input, ExtensionStartOutput output) {
      SimpleAuthenticator authenticator = (in, out) -> out.authenticateSuccessfully();
      PublishAuthorizer authorizer =
          (in, out) -> {
            if (in.getPublishPacket().getTopic().startsWith("forbidden/")) out.failAuthorization();
            else out.authorizeSuccessfully();
          };
      Services.securityRegistry().setAuthenticatorProvider(in -> authenticator);
      Services.securityRegistry()
          .setAuthorizerProvider(in -> authorizer);
    }

    public void extensionStop(ExtensionStopInput input, ExtensionStopOutput output) {}
  }
}
